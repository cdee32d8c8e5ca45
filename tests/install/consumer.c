/* What a user outside the tree writes first: proves that headers and library are found and fit. */
#include <netstack/netstack.h>
#include <stdio.h>

int main(void)
{
    ns_stack *stack = NULL;
    ns_error *error = NULL;

    if (ns_stack_new(NULL, &stack, &error) != NS_OK) {
        fprintf(stderr, "%s\n", ns_error_message(error));
        ns_error_free(error);
        return 1;
    }
    ns_stack_free(stack);
    printf("netstack %s\n", ns_version_string());
    return 0;
}
