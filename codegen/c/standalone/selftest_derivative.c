/* <u, J v> = <J' u, v> for the Jacobian J of every entry point, at random points and in random
   directions; at the first point both must equal a difference quotient that knows no chain rule. */
static unsigned char second_blob[SECOND_BLOB_BYTES];

static double inner(const tensor *a, const tensor *b, const unsigned char *of_a,
                    const unsigned char *of_b, double *scale) {
    double sum = 0.0;
    int64_t i;
    for (i = 0; i < a->count; i++) {
        const double term = element(of_a + a->at, a->type, i) * element(of_b + b->at, b->type, i);
        sum += term;
        *scale += fabs(term);
    }
    return sum;
}

static void test_derivatives(void) {
    unsigned char *const memory = second_memory + (64 - (uintptr_t)second_memory % 64) % 64;
    int n, k, point, code;
    memset(memory, 0xFF, SECOND_CONTEXT_BYTES);
    second = @SECOND@_init(memory, SECOND_CONTEXT_BYTES);
    fill_state(second_blob, second_state, SECOND_STATES, SECOND_STATE_BYTES, SECOND_FORM);
    code = @SECOND@_load(second, second_blob, SECOND_BLOB_BYTES);
    report(second != NULL && code == 0, "derivative", @SECOND@_error(code));
    for (n = 0; n < PRODUCTS; n++) {
        const product_test *const p = &products[n];
        const tensor *const v = p->input + p->own, *const u = v + p->tangents;
        for (point = 0; point < 4; point++) {
            double scale = 0.0, pushed = 0.0, pulled = 0.0, allowed;
            for (k = 0; k < p->inputs; k++)
                fill(inputs.bytes + p->input[k].at, &p->input[k], (uint32_t)point * 0x2545F491u);
            memset(outputs.bytes, 0xFF, OUTPUT_BYTES);
            code = p->call(p->dims);
            report(code == 0, p->name, @SECOND@_error(code));
            for (k = 0; k < p->cotangents; k++)
                pushed += inner(&u[k], &p->output[k], inputs.bytes, outputs.bytes, &scale);
            for (k = 0; k < p->tangents; k++)
                pulled += inner(&v[k], &p->output[p->cotangents + k], inputs.bytes, outputs.bytes,
                                &scale);
            allowed = p->precision * scale;
            if (!(fabs(pushed - pulled) <= allowed))
                say("  %s: <u, J v> = %.9g but <J' u, v> = %.9g (+- %.2g)\n", p->name, pushed,
                    pulled, allowed);
            report(fabs(pushed - pulled) <= allowed, p->name, "dot-product test of the gradient");
            if (point > 0 || p->tolerance < 0.0) continue;
            allowed += p->tolerance;
            if (!(fabs(pulled - p->slope) <= allowed))
                say("  %s: <J' u, v> = %.9g, not %.9g (+- %.2g)\n", p->name, pulled, p->slope,
                    allowed);
            report(fabs(pulled - p->slope) <= allowed, p->name, "gradient, by finite differences");
            report(fabs(pushed - p->slope) <= allowed, p->name, "J v, by finite differences");
        }
    }
}
