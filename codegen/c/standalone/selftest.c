/* What follows knows the module only through the tables at the top. Everything is static: the
   test needs no heap; files and text it needs only to read the parameters and to say what is wrong.
   With -DGRAPHDL_NO_STDIO it needs neither: then there is no main, and the number of failed checks
   is what @TEST@ returns. */

#ifdef GRAPHDL_NO_STDIO
static void say(const char *format, ...) { (void)format; }
#else
#include <stdio.h>
#define say printf
#endif

typedef struct {
    const char *name;
    char type;          /* f float, d double, i int32, l int64, u uint8, b bool */
    int64_t count;
    uint32_t seed;
    double low, span;
    int64_t at;         /* state: offset of its bytes */
} tensor;

typedef struct {
    const char *name;
    char type;
    int64_t count;
    int samples;
    const int32_t *places;
    const double *values;
    double tolerance, total, total_tolerance;
    int64_t at;         /* output: slot; state: offset of its bytes */
} golden;

typedef struct {
    int entry;
    const char *sizes;
    int64_t dims[DIMS];
    int inputs, outputs, updates;
    const tensor *input;
    const golden *output, *update;
} golden_case;

typedef struct {
    const char *name;
    int dims;
    int64_t maxima[DIMS];
    int (*call)(const int64_t *);
    int updates;
} entry_point;

typedef struct {
    int at_case;
    int input;           /* which input holds the index that is out of range */
    int64_t low, size;
} bad_index;

static int failures, checks;

static void report(int fine, const char *where, const char *what) {
    checks++;
    if (fine) return;
    failures++;
    say("FAILED %s: %s\n", where, what);
}

static size_t item_bytes(char type) {
    return type == 'd' || type == 'l' ? 8 : type == 'u' || type == 'b' ? 1 : 4;
}

/* Well-mixed bits for element i: the finaliser of MurmurHash3 on a Weyl sequence. */
static uint32_t bits_of(uint32_t i, uint32_t seed) {
    uint32_t h = i * UINT32_C(0x9E3779B9) + seed;
    h ^= h >> 16;
    h *= UINT32_C(0x85EBCA6B);
    h ^= h >> 13;
    h *= UINT32_C(0xC2B2AE35);
    return h ^ (h >> 16);
}

static void fill(unsigned char *to, const tensor *t, uint32_t shift) {
    const size_t size = item_bytes(t->type);
    int64_t i;
    for (i = 0; i < t->count; i++) {
        const uint32_t h = bits_of((uint32_t)i, t->seed ^ shift);
        const double real = t->low + t->span * ((double)(h >> 8) * (1.0 / 16777216.0));
        const int64_t whole = t->type == 'f' || t->type == 'd'
            ? 0 : (int64_t)t->low + (int64_t)h % (int64_t)t->span;
        unsigned char *const p = to + (size_t)i * size;
        if (t->type == 'f') { const float v = (float)real; memcpy(p, &v, 4); }
        else if (t->type == 'd') { memcpy(p, &real, 8); }
        else if (t->type == 'i') { const int32_t v = (int32_t)whole; memcpy(p, &v, 4); }
        else if (t->type == 'l') { memcpy(p, &whole, 8); }
        else { *p = (unsigned char)whole; }
    }
}

static double element(const unsigned char *from, char type, int64_t i) {
    const unsigned char *const p = from + (size_t)i * item_bytes(type);
    if (type == 'f') { float v; memcpy(&v, p, 4); return v; }
    if (type == 'd') { double v; memcpy(&v, p, 8); return v; }
    if (type == 'i') { int32_t v; memcpy(&v, p, 4); return v; }
    if (type == 'l') { int64_t v; memcpy(&v, p, 8); return (double)v; }
    return *p;
}

static int near(double got, double want, double tolerance) {
    if (want != want) return got != got;
    return got == want || fabs(got - want) <= tolerance;
}

static void compare(const char *where, const golden *g, const unsigned char *got) {
    double total = 0.0, worst = 0.0;
    int64_t i;
    int k, wrong = 0;
    for (k = 0; k < g->samples; k++) {
        const double value = element(got, g->type, g->places[k]), want = g->values[k];
        if (near(value, want, g->tolerance)) continue;
        if (!wrong++ || fabs(value - want) > worst) {
            worst = fabs(value - want);
            say("  %s, %s[%ld]: %.9g, not %.9g +- %.2g\n", where, g->name, (long)g->places[k],
                value, want, g->tolerance);
        }
    }
    report(wrong == 0, where, g->name);
    if (g->total_tolerance < 0.0) return;
    for (i = 0; i < g->count; i++) {
        const double value = element(got, g->type, i);
        total += bits_of((uint32_t)i, UINT32_C(0x51676E73)) & 1 ? value : -value;
    }
    if (!near(total, g->total, g->total_tolerance))
        say("  %s, signed sum of %s: %.9g, not %.9g +- %.2g\n", where, g->name, total, g->total,
            g->total_tolerance);
    report(near(total, g->total, g->total_tolerance), where, g->name);
}

/* A blob is: magic, fingerprint, state, FNV-1a of all before. */
static void seal(unsigned char *blob, size_t state_bytes, uint64_t form) {
    uint64_t hash = UINT64_C(14695981039346656037);
    size_t i;
    memcpy(blob, "graphdl1", 8);
    memcpy(blob + 8, &form, 8);
    for (i = 0; i < 16 + state_bytes; i++) hash = (hash ^ blob[i]) * UINT64_C(1099511628211);
    memcpy(blob + 16 + state_bytes, &hash, 8);
}

static void fill_state(unsigned char *blob, const tensor *table, int count, size_t state_bytes,
                       uint64_t form) {
    int k;
    memset(blob, 0, 16 + state_bytes + 8);
    for (k = 0; k < count; k++) fill(blob + 16 + (size_t)table[k].at, &table[k], 0);
    seal(blob, state_bytes, form);
}
