/* Entry: one compiled function and the description of its arrays. Part of binding.c. */

enum { STATIC = -1, RULE = -2 }; /* other values of Axis.symbol are indices of a dim */

typedef struct {
    npy_intp size;  /* of a static axis */
    int symbol;
    PyObject *rule; /* called with the tuple of dims */
} Axis;

typedef struct {
    PyObject *name; /* interned */
    PyArray_Descr *descr;
    npy_intp itemsize;
    int type;
    char kind;
    int ndim;
    int has_rule;
    Axis *axes;
} Spec;

typedef int (*entry_fn)(void *context, const int64_t *dims, void *const *arrays);

typedef struct {
    PyObject_HEAD
    vectorcallfunc vectorcall;
    entry_fn function;
    char *context;
    npy_intp context_bytes;
    Lock *lock;
    PyObject *owner; /* keeps the library and the context's memory alive */
    PyObject *slow;
    PyObject *on_error;
    Spec *inputs, *outputs;
    Py_ssize_t n_inputs, n_outputs, n_dims;
    int64_t *maxima;
    int has_rule; /* some size, of an input or an output, is a rule */
    int release_gil;
    PyObject *dict;
} Entry;

static PyObject *dims_tuple(const Entry *e, const int64_t *dims)
{
    PyObject *tuple = PyTuple_New(e->n_dims);
    for (Py_ssize_t i = 0; tuple != NULL && i < e->n_dims; i++) {
        PyObject *value = PyLong_FromLongLong(dims[i]);
        if (value == NULL)
            Py_CLEAR(tuple);
        else
            PyTuple_SET_ITEM(tuple, i, value);
    }
    return tuple;
}

/* The size that a rule gives, or -1 with an exception. */
static npy_intp rule_size(PyObject *rule, PyObject *dims)
{
    PyObject *value = PyObject_CallOneArg(rule, dims);
    if (value == NULL)
        return -1;
    npy_intp size = (npy_intp)PyNumber_AsSsize_t(value, PyExc_OverflowError);
    Py_DECREF(value);
    if (size < 0 && !PyErr_Occurred())
        PyErr_Format(PyExc_ValueError, "a size rule gave %zd", (Py_ssize_t)size);
    return size;
}

/* Second look, at axes whose size is a rule: 1 they fit, 0 they don't, -1 exception. */
static int check_rules(const Entry *e, PyObject *const *objects, PyObject *dims)
{
    for (Py_ssize_t i = 0; i < e->n_inputs; i++) {
        const Spec *spec = &e->inputs[i];
        if (!spec->has_rule)
            continue;
        const npy_intp *shape = PyArray_DIMS((PyArrayObject *)objects[i]);
        for (int axis = 0; axis < spec->ndim; axis++) {
            if (spec->axes[axis].symbol != RULE)
                continue;
            npy_intp size = rule_size(spec->axes[axis].rule, dims);
            if (size < 0)
                return -1;
            if (size != shape[axis])
                return 0;
        }
    }
    return 1;
}

/* Are these objects arrays that compiled code may read? Binds the dims on the way. */
static int check(const Entry *e, PyObject *const *objects, int64_t *dims, void **pointers)
{
    for (Py_ssize_t i = 0; i < e->n_dims; i++)
        dims[i] = -1;
    for (Py_ssize_t i = 0; i < e->n_inputs; i++) {
        const Spec *spec = &e->inputs[i];
        if (!PyArray_CheckExact(objects[i]))
            return 0;
        PyArrayObject *array = (PyArrayObject *)objects[i];
        if (PyArray_TYPE(array) != spec->type
            && !(PyArray_DESCR(array)->kind == spec->kind
                 && PyArray_ITEMSIZE(array) == spec->itemsize))
            return 0;
        if (PyArray_NDIM(array) != spec->ndim || !PyArray_IS_C_CONTIGUOUS(array)
            || !PyArray_ISALIGNED(array) || !PyArray_ISNOTSWAPPED(array))
            return 0;
        const npy_intp *shape = PyArray_DIMS(array);
        for (int axis = 0; axis < spec->ndim; axis++) {
            const Axis *want = &spec->axes[axis];
            if (want->symbol == STATIC) {
                if (shape[axis] != want->size)
                    return 0;
            } else if (want->symbol >= 0) {
                int64_t *dim = &dims[want->symbol];
                if (*dim < 0 && (int64_t)shape[axis] <= e->maxima[want->symbol])
                    *dim = (int64_t)shape[axis];
                else if (*dim != (int64_t)shape[axis])
                    return 0;
            }
        }
        /* what the function writes to must be no input: such an array is copied */
        char *const data = PyArray_BYTES(array);
        if (data < e->context + e->context_bytes && data + PyArray_NBYTES(array) > e->context)
            return 0;
        pointers[i] = data;
    }
    for (Py_ssize_t i = 0; i < e->n_dims; i++)
        if (dims[i] < 0)
            return 0;
    return 1;
}

/* Put positional and keyword arguments in the order of the inputs; 0 if the names don't fit. */
static int arrange(const Entry *e, PyObject *const *args, Py_ssize_t n_args, PyObject *names,
                   PyObject **objects)
{
    Py_ssize_t n_names = names == NULL ? 0 : PyTuple_GET_SIZE(names);
    if (n_args + n_names != e->n_inputs)
        return 0;
    for (Py_ssize_t i = 0; i < e->n_inputs; i++)
        objects[i] = i < n_args ? args[i] : NULL;
    for (Py_ssize_t k = 0; k < n_names; k++) {
        PyObject *name = PyTuple_GET_ITEM(names, k);
        Py_ssize_t i = n_args + k; /* most callers write them in order */
        if (e->inputs[i].name != name) {
            for (i = n_args; i < e->n_inputs && e->inputs[i].name != name; i++) {
            }
            if (i == e->n_inputs) { /* a name that was made at run time is not interned */
                for (i = n_args; i < e->n_inputs; i++)
                    if (PyUnicode_Compare(e->inputs[i].name, name) == 0)
                        break;
            }
            if (i == e->n_inputs)
                return 0;
        }
        if (objects[i] != NULL)
            return 0;
        objects[i] = args[n_args + k];
    }
    return 1;
}

/* Hand the whole call to Python, which raises or returns arrays that pass `check`. */
static PyObject *prepare(const Entry *e, PyObject *const *args, Py_ssize_t n_args, PyObject *names)
{
    PyObject *result = NULL;
    PyObject *positional = PyTuple_New(n_args);
    PyObject *keywords = PyDict_New();
    if (positional == NULL || keywords == NULL)
        goto done;
    for (Py_ssize_t i = 0; i < n_args; i++)
        PyTuple_SET_ITEM(positional, i, Py_NewRef(args[i]));
    for (Py_ssize_t k = 0; names != NULL && k < PyTuple_GET_SIZE(names); k++)
        if (PyDict_SetItem(keywords, PyTuple_GET_ITEM(names, k), args[n_args + k]) < 0)
            goto done;
    result = PyObject_CallFunctionObjArgs(e->slow, positional, keywords, NULL);
    if (result != NULL && (!PyTuple_Check(result) || PyTuple_GET_SIZE(result) != e->n_inputs)) {
        Py_CLEAR(result);
        PyErr_SetString(PyExc_SystemError, "slow() must return a tuple with one array per input");
    }
done:
    Py_XDECREF(positional);
    Py_XDECREF(keywords);
    return result;
}

static PyObject *new_output(const Spec *spec, const int64_t *dims, PyObject *rule_dims)
{
    npy_intp shape[NPY_MAXDIMS];
    for (int axis = 0; axis < spec->ndim; axis++) {
        const Axis *want = &spec->axes[axis];
        if (want->symbol == STATIC)
            shape[axis] = want->size;
        else if (want->symbol >= 0)
            shape[axis] = (npy_intp)dims[want->symbol];
        else if ((shape[axis] = rule_size(want->rule, rule_dims)) < 0)
            return NULL;
    }
    Py_INCREF(spec->descr); /* PyArray_NewFromDescr steals it */
    return PyArray_NewFromDescr(&PyArray_Type, spec->descr, spec->ndim, shape, NULL, NULL, 0, NULL);
}

static int call_locked(const Entry *e, const int64_t *dims, void *const *pointers)
{
    int code;
    lock_acquire(e->lock);
    if (e->release_gil) {
        Py_BEGIN_ALLOW_THREADS
        code = e->function(e->context, dims, pointers);
        Py_END_ALLOW_THREADS
    } else {
        code = e->function(e->context, dims, pointers);
    }
    lock_release(e->lock);
    return code;
}

static PyObject *report(const Entry *e, int code, PyObject *const *objects)
{
    PyObject *number = PyLong_FromLong(code);
    PyObject *tuple = PyTuple_New(e->n_inputs);
    if (number != NULL && tuple != NULL) {
        for (Py_ssize_t i = 0; i < e->n_inputs; i++)
            PyTuple_SET_ITEM(tuple, i, Py_NewRef(objects[i]));
        PyObject *result = PyObject_CallFunctionObjArgs(e->on_error, number, tuple, NULL);
        if (result != NULL) {
            Py_DECREF(result);
            PyErr_Format(PyExc_SystemError, "on_error(%d, ...) did not raise", code);
        }
    }
    Py_XDECREF(number);
    Py_XDECREF(tuple);
    return NULL;
}

/* Allocate the outputs, call, and return {name: array}. `outputs` has room for the new arrays. */
static PyObject *run(const Entry *e, PyObject *const *objects, const int64_t *dims,
                     PyObject *rule_dims, void **pointers, PyObject **outputs)
{
    PyObject *result = NULL;
    Py_ssize_t made = 0;
    for (; made < e->n_outputs; made++) {
        outputs[made] = new_output(&e->outputs[made], dims, rule_dims);
        if (outputs[made] == NULL)
            goto done;
        pointers[e->n_inputs + made] = PyArray_DATA((PyArrayObject *)outputs[made]);
    }
    int code = call_locked(e, dims, pointers);
    if (code != 0) {
        report(e, code, objects);
        goto done;
    }
    result = PyDict_New();
    for (Py_ssize_t i = 0; result != NULL && i < e->n_outputs; i++)
        if (PyDict_SetItem(result, e->outputs[i].name, outputs[i]) < 0)
            Py_CLEAR(result);
done:
    for (Py_ssize_t i = 0; i < made; i++)
        Py_DECREF(outputs[i]);
    return result;
}

#define SMALL 96 /* words of scratch on the stack: enough for a few dozen arrays */

static PyObject *entry_call(PyObject *self, PyObject *const *args, size_t nargsf, PyObject *names)
{
    Entry *e = (Entry *)self;
    Py_ssize_t n_args = PyVectorcall_NARGS(nargsf);
    size_t words = (size_t)(2 * (e->n_inputs + e->n_outputs) + e->n_dims);
    int64_t small[SMALL];
    int64_t *dims = small; /* then the objects, their pointers and the outputs, a word each */
    if (words > SMALL && (dims = PyMem_Malloc(words * sizeof(int64_t))) == NULL)
        return PyErr_NoMemory();
    PyObject **objects = (PyObject **)(dims + e->n_dims);
    void **pointers = (void **)(objects + e->n_inputs);
    PyObject **outputs = (PyObject **)(pointers + e->n_inputs + e->n_outputs);

    PyObject *prepared = NULL, *rule_dims = NULL, *result = NULL;
    PyObject *const *inputs = objects;
    int ready = arrange(e, args, n_args, names, objects) && check(e, objects, dims, pointers);
    if (ready && e->has_rule) {
        if ((rule_dims = dims_tuple(e, dims)) == NULL)
            goto done;
        if ((ready = check_rules(e, objects, rule_dims)) < 0)
            goto done;
    }
    if (!ready) {
        Py_CLEAR(rule_dims);
        if ((prepared = prepare(e, args, n_args, names)) == NULL)
            goto done;
        inputs = ((PyTupleObject *)prepared)->ob_item;
        if (!check(e, inputs, dims, pointers)) {
            PyErr_SetString(PyExc_SystemError, "slow() returned arrays that cannot be used");
            goto done;
        }
        if (e->has_rule && (rule_dims = dims_tuple(e, dims)) == NULL)
            goto done;
    }
    result = run(e, inputs, dims, rule_dims, pointers, outputs);
done:
    Py_XDECREF(prepared);
    Py_XDECREF(rule_dims);
    if (dims != small)
        PyMem_Free(dims);
    return result;
}
