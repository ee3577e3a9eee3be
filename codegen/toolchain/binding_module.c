/* Making an Entry. Part of binding.c. */

/* An axis is described by (kind, value): kind STATIC with a size, a dim's index, RULE with a
 * callable. The descriptions come from binding.py, so errors here are programming errors. */
static int parse_axis(PyObject *item, Axis *axis, Py_ssize_t n_dims)
{
    PyObject *value;
    if (!PyArg_ParseTuple(item, "iO", &axis->symbol, &value))
        return -1;
    if (axis->symbol == RULE) {
        axis->rule = Py_NewRef(value);
        return 0;
    }
    axis->size = (npy_intp)PyNumber_AsSsize_t(value, PyExc_OverflowError);
    if (PyErr_Occurred())
        return -1;
    if (axis->size < 0 || axis->symbol < STATIC || axis->symbol >= n_dims) {
        PyErr_SetString(PyExc_ValueError, "bad axis");
        return -1;
    }
    return 0;
}

static int parse_spec(PyObject *item, Spec *spec, Py_ssize_t n_dims)
{
    PyObject *name, *dtype, *shape;
    Py_ssize_t itemsize;
    if (!PyArg_ParseTuple(item, "UO!nO!", &name, &PyArrayDescr_Type, &dtype, &itemsize,
                          &PyTuple_Type, &shape))
        return -1;
    Py_INCREF(name);
    PyUnicode_InternInPlace(&name);
    spec->name = name;
    spec->descr = (PyArray_Descr *)Py_NewRef(dtype);
    spec->itemsize = (npy_intp)itemsize;
    spec->type = spec->descr->type_num;
    spec->kind = spec->descr->kind;
    if (PyTuple_GET_SIZE(shape) > NPY_MAXDIMS) {
        PyErr_SetString(PyExc_ValueError, "too many axes");
        return -1;
    }
    spec->axes = PyMem_Calloc((size_t)PyTuple_GET_SIZE(shape) + 1, sizeof(Axis));
    if (spec->axes == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    for (; spec->ndim < (int)PyTuple_GET_SIZE(shape); spec->ndim++) {
        if (parse_axis(PyTuple_GET_ITEM(shape, spec->ndim), &spec->axes[spec->ndim], n_dims) < 0)
            return -1;
        spec->has_rule |= spec->axes[spec->ndim].symbol == RULE;
    }
    return 0;
}

static Spec *parse_specs(PyObject *items, Py_ssize_t *count, Entry *e)
{
    Spec *specs = PyMem_Calloc((size_t)PyTuple_GET_SIZE(items) + 1, sizeof(Spec));
    if (specs == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    *count = PyTuple_GET_SIZE(items);
    for (Py_ssize_t i = 0; i < *count; i++) {
        if (parse_spec(PyTuple_GET_ITEM(items, i), &specs[i], e->n_dims) < 0)
            break; /* the caller sees the exception; dealloc frees what was made */
        e->has_rule |= specs[i].has_rule;
    }
    return specs;
}

static PyObject *entry_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    static char *keywords[] = {"function", "context", "context_bytes", "lock", "owner", "inputs",
                               "outputs", "maxima", "release_gil", "slow", "on_error", NULL};
    unsigned long long function, context;
    Py_ssize_t context_bytes;
    PyObject *lock, *owner, *inputs, *outputs, *maxima, *slow, *on_error;
    int release_gil;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "KKnO!OO!O!O!pOO", keywords, &function, &context,
                                     &context_bytes, &LockType, &lock, &owner, &PyTuple_Type,
                                     &inputs, &PyTuple_Type, &outputs, &PyTuple_Type, &maxima,
                                     &release_gil, &slow, &on_error))
        return NULL;
    Entry *e = (Entry *)type->tp_alloc(type, 0);
    if (e == NULL)
        return NULL;
    e->vectorcall = entry_call;
    e->function = (entry_fn)(uintptr_t)function;
    e->context = (char *)(uintptr_t)context;
    e->context_bytes = (npy_intp)context_bytes;
    e->lock = (Lock *)Py_NewRef(lock);
    e->owner = Py_NewRef(owner);
    e->slow = Py_NewRef(slow);
    e->on_error = Py_NewRef(on_error);
    e->release_gil = release_gil;
    e->n_dims = PyTuple_GET_SIZE(maxima);
    e->maxima = PyMem_Calloc((size_t)e->n_dims + 1, sizeof(int64_t));
    if (e->maxima == NULL) {
        Py_DECREF(e);
        return PyErr_NoMemory();
    }
    for (Py_ssize_t i = 0; i < e->n_dims; i++)
        e->maxima[i] = PyLong_AsLongLong(PyTuple_GET_ITEM(maxima, i));
    if (!PyErr_Occurred())
        e->inputs = parse_specs(inputs, &e->n_inputs, e);
    if (!PyErr_Occurred())
        e->outputs = parse_specs(outputs, &e->n_outputs, e);
    if (PyErr_Occurred()) {
        Py_DECREF(e);
        return NULL;
    }
    return (PyObject *)e;
}

static int visit_rules(Spec *specs, Py_ssize_t count, visitproc visit, void *arg)
{
    for (Py_ssize_t i = 0; specs != NULL && i < count; i++)
        for (int axis = 0; axis < specs[i].ndim; axis++)
            Py_VISIT(specs[i].axes[axis].rule);
    return 0;
}

static int entry_traverse(Entry *e, visitproc visit, void *arg)
{
    Py_VISIT(e->owner);
    Py_VISIT(e->slow);
    Py_VISIT(e->on_error);
    Py_VISIT(e->dict);
    int stop = visit_rules(e->inputs, e->n_inputs, visit, arg);
    return stop ? stop : visit_rules(e->outputs, e->n_outputs, visit, arg);
}

static void free_specs(Spec *specs, Py_ssize_t count)
{
    for (Py_ssize_t i = 0; specs != NULL && i < count; i++) {
        Py_XDECREF(specs[i].name);
        Py_XDECREF((PyObject *)specs[i].descr);
        for (int axis = 0; specs[i].axes != NULL && axis < specs[i].ndim; axis++)
            Py_XDECREF(specs[i].axes[axis].rule);
        PyMem_Free(specs[i].axes);
    }
    PyMem_Free(specs);
}

/* No tp_clear: what a call uses must stay whole as long as it can be called. A cycle through an
 * Entry is broken at its other members, the Python objects. */
static void entry_dealloc(Entry *e)
{
    PyObject_GC_UnTrack(e);
    free_specs(e->inputs, e->n_inputs);
    free_specs(e->outputs, e->n_outputs);
    PyMem_Free(e->maxima);
    Py_XDECREF((PyObject *)e->lock);
    Py_XDECREF(e->owner);
    Py_XDECREF(e->slow);
    Py_XDECREF(e->on_error);
    Py_XDECREF(e->dict);
    Py_TYPE(e)->tp_free((PyObject *)e);
}

static PyTypeObject EntryType = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "graphdl_binding.Entry",
    .tp_doc = "A compiled function: called with arrays, returns a dict of new arrays.",
    .tp_basicsize = sizeof(Entry),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_HAVE_VECTORCALL,
    .tp_vectorcall_offset = offsetof(Entry, vectorcall),
    .tp_call = PyVectorcall_Call,
    .tp_new = entry_new,
    .tp_dealloc = (destructor)entry_dealloc,
    .tp_traverse = (traverseproc)entry_traverse,
    .tp_dictoffset = offsetof(Entry, dict),
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_setattro = PyObject_GenericSetAttr,
};

static struct PyModuleDef module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "graphdl_binding",
    .m_doc = "Calls compiled graphdl modules.",
    .m_size = -1,
};

PyMODINIT_FUNC PyInit_graphdl_binding(void)
{
    import_array();
    if (PyType_Ready(&LockType) < 0 || PyType_Ready(&EntryType) < 0)
        return NULL;
    PyObject *m = PyModule_Create(&module);
    if (m == NULL)
        return NULL;
#ifdef Py_GIL_DISABLED
    PyUnstable_Module_SetGIL(m, Py_MOD_GIL_NOT_USED);
#endif
    if (PyModule_AddObjectRef(m, "Lock", (PyObject *)&LockType) < 0
        || PyModule_AddObjectRef(m, "Entry", (PyObject *)&EntryType) < 0) {
        Py_DECREF(m);
        return NULL;
    }
    return m;
}
