int main(int argc, char **argv) {
    int n;
    aligned = memory + (64 - (uintptr_t)memory % 64) % 64;
    test_init();
    if (context == NULL) return 1;
    test_blobs();
    for (n = 0; n < CASES; n++) {
        fill_state(blob, state, STATES, STATE_BYTES, FORM);
        run_case(&cases[n], blob);
    }
    test_refusals();
@DERIVATIVES@
    if (argc > 1) {
        FILE *const file = fopen(argv[1], "rb");
        const size_t size = file ? fread(blob, 1, BLOB_BYTES, file) : 0;
        report(size == BLOB_BYTES, argv[1], "cannot be read, or is too short");
        if (file) fclose(file);
        report(@NAME@_load(context, blob, size) == 0, argv[1], "is no state of this module");
        for (n = 0; size == BLOB_BYTES && n < SAVED_CASES; n++)
            run_case(&saved_cases[n], blob);
    }
    printf("@NAME@: %d checks, %d failed\n", checks, failures);
    return failures ? 1 : 0;
}
