/* Run all checks but those of the parameter file; return how many failed, and of how many. */
int @TEST@(int *of);

int @TEST@(int *of) {
    int n;
    failures = checks = 0;
    aligned = memory + (64 - (uintptr_t)memory % 64) % 64;
    test_init();
    if (context != NULL) {
        test_blobs();
        for (n = 0; n < CASES; n++) {
            fill_state(blob, state, STATES, STATE_BYTES, FORM);
            run_case(&cases[n], blob);
        }
        test_refusals();
@DERIVATIVES@
    }
    if (of != NULL) *of = checks;
    return failures;
}

#ifndef GRAPHDL_NO_STDIO
static void test_file(const char *path) {
    FILE *const file = fopen(path, "rb");
    const size_t size = file ? fread(blob, 1, BLOB_BYTES, file) : 0;
    int n;
    report(size == BLOB_BYTES, path, "cannot be read, or is too short");
    if (file) fclose(file);
    report(@NAME@_load(context, blob, size) == 0, path, "is no state of this module");
    for (n = 0; size == BLOB_BYTES && n < SAVED_CASES; n++) run_case(&saved_cases[n], blob);
}

int main(int argc, char **argv) {
    @TEST@(NULL);
    if (argc > 1 && context != NULL) test_file(argv[1]);
    say("@NAME@: %d checks, %d failed\n", checks, failures);
    return failures ? 1 : 0;
}
#endif
