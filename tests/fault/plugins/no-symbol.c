/* A shared object, but no plugin. */
int no_symbol_here(void);
int no_symbol_here(void)
{
    return 0;
}
