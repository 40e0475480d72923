// ev++.h: functions, methods, functors, loops, freezing, once.
// (The harness reads C comments.)
/* harness: backends=epoll,poll */
#include <ev++.h>
#include <cmath>
#include <cstdio>
#include <unistd.h>
#include <signal.h>

static void on_timer(ev::timer &w, int revents) { std::printf("function %x %s\n", revents, (char *)w.data); }
static void on_once(int revents) { std::printf("once %x\n", revents); }
static void on_once0() { std::printf("once\n"); }
static void on_once_c(int revents, void *arg) { std::printf("once %x %s\n", revents, (char *)arg); }

struct Thing {
    int calls;
    Thing() : calls(0) { }
    void io(ev::io &w, int revents) { char b; std::printf("method %x, %d byte\n", revents, (int)read(w.fd, &b, 1)); w.stop(); }
    void plain() { std::printf("no arguments\n"); }
    void event(int revents) { std::printf("once method %x\n", revents); }
    void operator()(ev::idle &w, int revents) { std::printf("functor %x\n", revents); w.stop(); }
    void operator()(ev::async &w, int revents) { std::printf("async %x %d\n", revents, w.async_pending()); w.stop(); }
    void sig(ev::sig &w, int revents) { std::printf("signal %d %x\n", w.signum, revents); w.stop(); }
    void thrower(ev::timer &, int) { throw 42; }
};

int main()
{
    ev::default_loop loop;
    Thing thing;
    int p[2];

    if (pipe(p))
        return 1;
    std::printf("version %d.%d, default %d, same %d\n", ev::version_major(), ev::version_minor(),
                loop.is_default(), loop == ev::get_default_loop());
    {
        ev::timer t;
        t.set<on_timer>((void *)"data");
        t.start(.001);
        loop.run(0);
        t.set(.001, 0.);
        t.start();
        t.set(5.);
        std::printf("changed while active: %d %d\n", t.is_active(), std::fabs(t.remaining() - 5.) < .1);
        t.stop();
        t.set<Thing, &Thing::plain>(&thing);
        t.feed_event(1);
        std::printf("pending %d\n", t.is_pending());
        ev_invoke_pending(loop);
    }
    {
        ev::io io(loop);
        io.set<Thing, &Thing::io>(&thing);
        io.start(p[0], ev::READ);
        io.set(ev::READ);
        if (write(p[1], "x", 1) != 1)
            return 1;
        loop.run();
        std::printf("active %d\n", io.is_active());
        io.start();
        std::printf("%u\n", ev_pending_count(loop));
    }
    {
        ev::idle i;
        i.set(&thing);
        i.start();
        loop.run();
        ev::async a;
        a.set(&thing);
        a.start();
        a.send();
        loop.run();
        ev::sig s;
        s.set<Thing, &Thing::sig>(&thing);
        s.start(SIGUSR1);
        raise(SIGUSR1);
        loop.run();
    }
    {
        ev::dynamic_loop inner(ev::EPOLL | ev::NOENV);
        std::printf("backend %u, default %d, other %d\n", inner.backend(), inner.is_default(), inner != loop);
        ev::timer t(inner);
        t.set<on_timer>((void *)"inner");
        t.start(0.);
        inner.run(ev::ONCE);
        std::printf("iteration %u depth %u\n", inner.iteration(), inner.depth());
    }
    loop.once(-1, 0, 0., on_once_c, (void *)"c");
    loop.run();
    loop.once<on_once>(-1, 0, 0.);
    loop.run();
    loop.once<on_once0>(-1, 0, 0.);
    loop.run();
    loop.once<Thing, &Thing::event>(-1, 0, 0., &thing);
    loop.run();
    try {
        ev::dynamic_loop none(ev::KQUEUE | ev::NOENV);
    } catch (const ev::bad_loop &) {
        std::printf("no loop\n");
    }
    return 0;
}
