/*
 * The article's first listing is a fragment: it calls ev_init() with no arguments, event_set(),
 * event_add() and event_dispatch(), with gaps between. This is one way to fill them: a server that
 * answers each connection with one line and ends after three.
 */
#include <event.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static struct event ev_accept;
static int served;

static void accept_callback(int fd, short ev, void *arg)
{
    int client = accept(fd, NULL, NULL);

    (void)arg;
    if (client < 0 || !(ev & EV_READ))
        return;
    if (write(client, "welcome\n", 8) != 8)
        perror("write");
    close(client);
    if (++served == 3) {
        puts("three served");
        event_del(&ev_accept);
    }
}

int main(void)
{
    struct sockaddr_in sin;
    int on = 1, listen_fd;

    ev_init();

    listen_fd = socket(AF_INET, SOCK_STREAM, 0);
    memset(&sin, 0, sizeof(sin));
    sin.sin_family = AF_INET;
    sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    sin.sin_port = htons(8082);
    setsockopt(listen_fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (bind(listen_fd, (struct sockaddr *)&sin, sizeof(sin)) < 0 || listen(listen_fd, 5) < 0)
        return 1;

    event_set(&ev_accept, listen_fd, EV_READ | EV_PERSIST, accept_callback, NULL);
    event_add(&ev_accept, NULL);
    event_dispatch();
    close(listen_fd);
    return 0;
}
