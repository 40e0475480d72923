/* The harness itself: output, exit status and working directory of a program that uses no library. */
#include <stdio.h>

int main(void)
{
    FILE *f = fopen("mine", "w");
    puts(f ? "own folder" : "no folder");
    if (f)
        fclose(f);
    return 3;
}
