/* Lock: a re-entrant mutex that C and Python both take. Part of binding.c. */

typedef struct {
    PyObject_HEAD
    PyThread_type_lock mutex;
    unsigned long owner; /* written by the holder only; another thread never reads its own id */
    Py_ssize_t depth;
} Lock;

static void lock_acquire(Lock *lock)
{
    unsigned long me = PyThread_get_thread_ident();
    if (__atomic_load_n(&lock->owner, __ATOMIC_RELAXED) == me && lock->depth > 0) {
        lock->depth++;
        return;
    }
    if (!PyThread_acquire_lock(lock->mutex, NOWAIT_LOCK)) {
        Py_BEGIN_ALLOW_THREADS
        PyThread_acquire_lock(lock->mutex, WAIT_LOCK);
        Py_END_ALLOW_THREADS
    }
    lock->depth = 1;
    __atomic_store_n(&lock->owner, me, __ATOMIC_RELAXED);
}

static void lock_release(Lock *lock)
{
    if (--lock->depth == 0) {
        __atomic_store_n(&lock->owner, 0, __ATOMIC_RELAXED);
        PyThread_release_lock(lock->mutex);
    }
}

static PyObject *lock_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    (void)args;
    (void)kwargs;
    Lock *lock = (Lock *)type->tp_alloc(type, 0);
    if (lock == NULL)
        return NULL;
    lock->mutex = PyThread_allocate_lock();
    if (lock->mutex == NULL) {
        Py_DECREF(lock);
        return PyErr_NoMemory();
    }
    return (PyObject *)lock;
}

static void lock_dealloc(Lock *lock)
{
    if (lock->mutex != NULL && lock->depth == 0)
        PyThread_free_lock(lock->mutex);
    Py_TYPE(lock)->tp_free((PyObject *)lock);
}

static PyObject *lock_enter(Lock *lock, PyObject *unused)
{
    (void)unused;
    lock_acquire(lock);
    return Py_NewRef((PyObject *)lock);
}

static PyObject *lock_exit(Lock *lock, PyObject *unused)
{
    (void)unused;
    if (__atomic_load_n(&lock->owner, __ATOMIC_RELAXED) != PyThread_get_thread_ident()
        || lock->depth == 0) {
        PyErr_SetString(PyExc_RuntimeError, "cannot release a lock that this thread does not hold");
        return NULL;
    }
    lock_release(lock);
    Py_RETURN_NONE;
}

static PyObject *lock_reset(Lock *lock, PyObject *unused)
{
    (void)unused; /* the old mutex is left alone: its holder does not exist in this process */
    PyThread_type_lock fresh = PyThread_allocate_lock();
    if (fresh == NULL)
        return PyErr_NoMemory();
    lock->mutex = fresh;
    lock->owner = 0;
    lock->depth = 0;
    Py_RETURN_NONE;
}

static PyMethodDef lock_methods[] = {
    {"__enter__", (PyCFunction)lock_enter, METH_NOARGS, "Take the lock."},
    {"__exit__", (PyCFunction)lock_exit, METH_VARARGS, "Give the lock back."},
    {"reset", (PyCFunction)lock_reset, METH_NOARGS, "Make it free, in the child of a fork."},
    {NULL, NULL, 0, NULL},
};

static PyTypeObject LockType = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "graphdl_binding.Lock",
    .tp_doc = "A re-entrant lock, shared by the entries of one library.",
    .tp_basicsize = sizeof(Lock),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_new = lock_new,
    .tp_dealloc = (destructor)lock_dealloc,
    .tp_methods = lock_methods,
};
