/*
 * main.c - the program's entry.
 */
#include "cli/cli.h"
#include "os/os_calls.h"

int main(int argc, char **argv)
{
    os_testing_start(); /* nothing outside of test builds */
    return cli_main(argc, argv);
}
