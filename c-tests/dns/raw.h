/*
 * A DNS server of raw bytes, for answers that no server would give.
 */
#ifndef EVRS_DNS_RAW_H
#define EVRS_DNS_RAW_H

#include "kit.h"

/* An answer in the making. */
struct packet {
    unsigned char bytes[4096];
    size_t len;
};

static void put(struct packet *p, const void *bytes, size_t n)
{
    memcpy(p->bytes + p->len, bytes, n);
    p->len += n;
}
#define PUT(p, literal) put(p, literal, sizeof(literal) - 1)

static void put16(struct packet *p, unsigned n)
{
    unsigned char b[2];

    b[0] = (unsigned char)(n >> 8);
    b[1] = (unsigned char)n;
    put(p, b, 2);
}

static void put32(struct packet *p, unsigned long n)
{
    put16(p, (unsigned)(n >> 16) & 0xffff);
    put16(p, (unsigned)n & 0xffff);
}

/* The header and the question of a query, as an answer with these counts. */
static void head(struct packet *p, const unsigned char *query, size_t n, unsigned flags, unsigned qd,
                 unsigned an, unsigned ns, unsigned ar)
{
    size_t end = 12;

    p->len = 0;
    put(p, query, 2);
    put16(p, flags);
    put16(p, qd);
    put16(p, an);
    put16(p, ns);
    put16(p, ar);
    while (end < n && query[end])
        end += query[end] + 1u;
    end += 5;
    if (qd && end <= n)
        put(p, query + 12, end - 12);
}

/* A record whose name is the question's. */
static void record(struct packet *p, unsigned type, unsigned class, unsigned long ttl, const void *data,
                   unsigned len)
{
    PUT(p, "\xc0\x0c");
    put16(p, type);
    put16(p, class);
    put32(p, ttl);
    put16(p, len);
    put(p, data, len);
}
#define RECORD(p, type, ttl, literal) record(p, type, 1, ttl, literal, sizeof(literal) - 1)

#endif
