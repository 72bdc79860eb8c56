// Package tests checks what no single package can: the imports between the packages, and, in Python beside it, the
// whole path through a real Jupyter.
//
//	deps_test.go ─► go list ─► the table of packages
//	test_*.py    ─► bin/rivulet ─► jupyter_client, nbclient, JupyterLab in Chromium ─► polars, DuckDB agree
//	bench/       ─► figures beside peers, printed
//
// Invariants: a test that cannot run fails and names what is missing; nothing sleeps to make a result come true.
//
// Read conftest.py first.
package tests
