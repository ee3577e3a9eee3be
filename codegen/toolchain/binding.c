/* The generic binding: calls any compiled module from Python, with all checks of the usual case
 * in C. What is unusual (another dtype, a list, strided memory, a wrong name) goes to a Python
 * function, which converts it or raises the typed error.
 *
 * One translation unit in several files, put together by extension.py: this one (what all need),
 * binding_lock.c, binding_call.c (one call), binding_module.c (making an Entry; the module).
 *
 * Ownership: an Entry is immutable once made, so threads may share it without a lock of its own.
 * The Lock serialises calls that share one context.
 */
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#define NPY_NO_DEPRECATED_API NPY_1_22_API_VERSION
#include <numpy/arrayobject.h>

#ifndef NPY_MAXDIMS
#define NPY_MAXDIMS 64
#endif
