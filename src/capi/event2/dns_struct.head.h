/* The class of a question; C++ knows only the longer name. */
#ifndef __cplusplus
#define dns_question_class class
#endif
