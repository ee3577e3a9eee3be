static unsigned char blob[BLOB_BYTES], before[BLOB_BYTES], after[BLOB_BYTES];
static unsigned char first_outputs[OUTPUT_BYTES];

/* Fill everything but the state: no result may depend on what was there. */
static void poison(int byte) {
    memset((unsigned char *)context + STATE_BYTES, byte, CONTEXT_BYTES - STATE_BYTES);
    memset(outputs.bytes, byte, OUTPUT_BYTES);
}

static void save_to(unsigned char *to) {
    report(@NAME@_save(context, to, BLOB_BYTES) == 0, "save", "refused");
}

static void run_case(const golden_case *c, const unsigned char *state) {
    const entry_point *const e = &entries[c->entry];
    int k, code;
    for (k = 0; k < c->inputs; k++) fill(inputs.bytes + c->input[k].at, &c->input[k], 0);
    report(@NAME@_load(context, state, BLOB_BYTES) == 0, "load", "refused");
    poison(0xFF);
    code = e->call(c->dims);
    report(code == 0, c->sizes, @NAME@_error(code));
    save_to(after);
    for (k = 0; k < c->outputs; k++)
        compare(c->sizes, &c->output[k], outputs.bytes + c->output[k].at);
    for (k = 0; k < c->updates; k++)
        compare(c->sizes, &c->update[k], after + 16 + c->update[k].at);
    if (e->updates == 0)
        report(memcmp(state, after, BLOB_BYTES) == 0, c->sizes, "changed state");
    memcpy(first_outputs, outputs.bytes, OUTPUT_BYTES);
    memcpy(before, after, BLOB_BYTES);
    report(@NAME@_load(context, state, BLOB_BYTES) == 0, "load", "refused");
    poison(0x00);
    report(e->call(c->dims) == 0, c->sizes, "fails the second time");
    save_to(after);
    report(memcmp(before, after, BLOB_BYTES) == 0, c->sizes, "new state depends on the arena");
    for (k = 0; k < c->outputs; k++) {
        const golden *const g = &c->output[k];
        const size_t size = (size_t)g->count * item_bytes(g->type);
        report(memcmp(first_outputs + g->at, outputs.bytes + g->at, size) == 0, c->sizes,
               "an output depends on the arena");
        /* what lies behind an output was filled differently, and still is */
        report(outputs.bytes[(size_t)g->at + size] == 0x00
               && first_outputs[(size_t)g->at + size] == 0xFF, c->sizes, "wrote too much");
    }
}

static void expect_refusal(int entry, const int64_t *dims, const char *what) {
    int code;
    size_t i;
    save_to(before);
    poison(0xA5);
    code = entries[entry].call(dims);
    save_to(after);
    report(code != 0, entries[entry].name, what);
    report(strcmp(@NAME@_error(code), "no error") != 0, entries[entry].name, "has no message");
    report(memcmp(before, after, BLOB_BYTES) == 0, entries[entry].name, "changed state");
    for (i = 0; i < OUTPUT_BYTES && outputs.bytes[i] == 0xA5; i++) { }
    report(i == OUTPUT_BYTES, entries[entry].name, "wrote results");
}

static void test_refusals(void) {
    int n, k;
    for (n = 0; n < CASES; n++) {
        const golden_case *const c = &cases[n];
        const entry_point *const e = &entries[c->entry];
        int64_t dims[DIMS];
        for (k = 0; k < c->inputs; k++) fill(inputs.bytes + c->input[k].at, &c->input[k], 0);
        for (k = 0; k < e->dims; k++) {
            memcpy(dims, c->dims, sizeof dims);
            dims[k] = -1;
            expect_refusal(c->entry, dims, "takes a negative size");
            dims[k] = e->maxima[k] + 1;
            expect_refusal(c->entry, dims, "takes a size that is too large");
            dims[k] = INT64_MAX;
            expect_refusal(c->entry, dims, "takes a huge size");
        }
        for (k = 0; k < BAD_INDICES; k++) {
            const bad_index *const bad = &bad_indices[k];
            const tensor *t;
            tensor one;
            if (bad->at_case != n) continue;
            t = &c->input[bad->input];
            one = *t;
            one.count = 1;
            one.span = 1;
            one.low = (double)bad->size;
            if (t->type != 'u' || bad->size < 256) {
                fill(inputs.bytes + t->at + (size_t)(t->count - 1) * item_bytes(t->type), &one, 0);
                expect_refusal(c->entry, c->dims, "takes an index that is too large");
            }
            one.low = (double)bad->low - 1;
            fill(inputs.bytes + t->at, &one, 0);
            if (t->type != 'u') expect_refusal(c->entry, c->dims, "takes an index that is too small");
            fill(inputs.bytes + t->at, t, 0);
        }
    }
}

static void expect_damage(size_t size, const char *what) {
    save_to(before);
    report(@NAME@_load(context, blob, size) != 0, "load", what);
    save_to(after);
    report(memcmp(before, after, BLOB_BYTES) == 0, "load", "changed state though it failed");
}

static void test_blobs(void) {
    size_t i;
    fill_state(blob, state, STATES, STATE_BYTES, FORM);
    report(@NAME@_blob_bytes() == BLOB_BYTES, "blob_bytes", "is wrong");
    report(@NAME@_load(context, blob, BLOB_BYTES) == 0, "load", "refused");
    save_to(after);
    report(memcmp(blob, after, BLOB_BYTES) == 0, "save", "differs from what was loaded");
    report(@NAME@_save(context, after, BLOB_BYTES - 1) != 0, "save", "takes too little memory");
    for (i = 16; i < BLOB_BYTES - 8; i++) blob[i] = (unsigned char)(blob[i] ^ 0x5A);
    if (STATE_BYTES > 0) expect_damage(BLOB_BYTES, "takes a blob whose sum is wrong");
    fill_state(blob, state, STATES, STATE_BYTES, FORM ^ 1);
    expect_damage(BLOB_BYTES, "takes a blob of another module");
    fill_state(blob, state, STATES, STATE_BYTES, FORM);
    expect_damage(BLOB_BYTES - 1, "takes a truncated blob");
    expect_damage(0, "takes an empty blob");
    for (i = 0; i < BLOB_BYTES; i += 1 + BLOB_BYTES / 61) {
        blob[i] = (unsigned char)(blob[i] ^ (1u << i % 8));
        expect_damage(BLOB_BYTES, "takes a blob with a flipped bit");
        blob[i] = (unsigned char)(blob[i] ^ (1u << i % 8));
    }
}

static void test_init(void) {
    report(@NAME@_context_bytes() == CONTEXT_BYTES, "context_bytes", "is wrong");
    report(@NAME@_init(NULL, CONTEXT_BYTES) == NULL, "init", "takes no memory");
    report(@NAME@_init(aligned, CONTEXT_BYTES - 1) == NULL, "init", "takes too little memory");
    report(@NAME@_init(aligned + 1, CONTEXT_BYTES) == NULL, "init", "takes unaligned memory");
    memset(aligned, 0xFF, CONTEXT_BYTES);
    context = @NAME@_init(aligned, CONTEXT_BYTES);
    report(context != NULL, "init", "refuses good memory");
}
