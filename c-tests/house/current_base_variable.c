/* The variable behind event_init(), which no header declares and programs use all the same. */
#include <event2/event.h>
#include <event2/event_compat.h>
#include <event2/event_struct.h>
#include <stdio.h>

extern struct event_base *event_global_current_base_;

static void say(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	printf("%s %d\n", (char *)arg, what);
}

int main(void)
{
	struct timeval now = {0, 0};
	struct event_base *first, *second, *own;
	struct event e;

	printf("at first %d\n", event_global_current_base_ != NULL);
	event_global_current_base_ = first = event_init();
	printf("after event_init %d\n", event_global_current_base_ == first);
	second = event_init();
	printf("after another %d\n", event_global_current_base_ == second);
	own = event_base_new();
	printf("event_base_new leaves it %d\n", event_global_current_base_ == second);

	/* what the program puts there, the functions without a base use */
	event_global_current_base_ = own;
	event_set(&e, -1, 0, say, "timer");
	printf("event_set %d\n", event_get_base(&e) == own);
	event_add(&e, &now);
	printf("dispatch %d\n", event_dispatch());
	printf("priorities %d, %d\n", event_priority_init(3), event_base_get_npriorities(own));
	event_base_free(second);
	printf("another freed %d\n", event_global_current_base_ == own);
	event_base_free(own);
	printf("freed %d\n", event_global_current_base_ != NULL);
	event_global_current_base_ = first;
	event_base_free(NULL);
	printf("freed as NULL %d\n", event_global_current_base_ != NULL);
	event_global_current_base_ = event_base_new();
	event_base_free(event_global_current_base_);
	libevent_global_shutdown();
	printf("after shutdown %d\n", event_global_current_base_ != NULL);
	return 0;
}
