/* Messages: the fields of the structures that event_rpcgen.py has generated. */

/* Whether a field is set. */
#define EVTAG_HAS(msg, member) ((msg)->member##_set == 1)

#ifndef EVENT2_RPC_COMPAT_H_INCLUDED_
/* Sets a field. */
#define EVTAG_ASSIGN(msg, member, value) (*(msg)->base->member##_assign)((msg), (value))
/* Sets a field of `len` bytes. */
#define EVTAG_ASSIGN_WITH_LEN(msg, member, value, len) \
    (*(msg)->base->member##_assign)((msg), (value), (len))
/* Stores a field in *pvalue; 0, or -1 when it is not set. */
#define EVTAG_GET(msg, member, pvalue) (*(msg)->base->member##_get)((msg), (pvalue))
/* Stores a field in *pvalue and its length in *plen; 0, or -1 when it is not set. */
#define EVTAG_GET_WITH_LEN(msg, member, pvalue, plen) \
    (*(msg)->base->member##_get)((msg), (pvalue), (plen))
#endif

/* Adds a value to an array. */
#define EVTAG_ARRAY_ADD_VALUE(msg, member, value) \
    (*(msg)->base->member##_add)((msg), (value))
/* Adds a new element to an array, and gives it. */
#define EVTAG_ARRAY_ADD(msg, member) (*(msg)->base->member##_add)(msg)
/* Stores the element at `offset` of an array in *pvalue. */
#define EVTAG_ARRAY_GET(msg, member, offset, pvalue) \
    (*(msg)->base->member##_get)((msg), (offset), (pvalue))
/* The number of elements of an array. */
#define EVTAG_ARRAY_LEN(msg, member) ((msg)->member##_length)
