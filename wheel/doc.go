// Command wheel packs a binary of Rivulet as a Python wheel, so that pip installs the kernel and nobody needs Go.
//
//	bin/rivulet, kernelspec.Portable ─► files ─► archive: RECORD of sha256 ─► dist/rivulet_kernel-VERSION-py3-none-PLATFORM.whl
//
// pip puts the binary into the environment's bin, and kernel.json with the logos into its share/jupyter/kernels, where
// the Jupyter of that environment looks. A module beside them tells papermill how parameters are written in Go.
//
// Invariants: the same input makes the same bytes. Every file but RECORD is in RECORD.
//
// Read main.go first. The format is that of Python's packaging user guide, "Binary distribution format".
package main
