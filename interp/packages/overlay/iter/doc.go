// Package iter is what cells have as iter: Pull runs the sequence in a goroutine of its own, because interpreted code can't be
// suspended as compiled code is.
package iter
