// Package kernelspec makes Jupyter find Rivulet: it writes and removes the kernelspec directory (kernel.json and the
// logos) and checks an installation.
//
//	rivulet install ─► Target ─► <data dir>/jupyter/kernels/<name>/kernel.json ─► Jupyter starts "rivulet kernel"
//	rivulet list    ─► List
//	rivulet doctor  ─► Find, Check ─► a line per fact, and the way out where one is wrong
//
// Invariants:
//  1. A directory is replaced or removed only if its kernel.json is Rivulet's own (see owned).
//  2. A kernelspec appears whole: it is written beside its place and renamed.
//
// Read spec.go first. The layout is that of jupyter_client's documentation, "Making kernels for Jupyter".
package kernelspec
