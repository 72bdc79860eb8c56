// Package enginetest is the suite that every distrib.Engine passes, and an engine that fails on purpose.
//
//	Run(t, open)   order, errors after good blocks, cancel, break, panic, lost and failed, freeing
//	Faulty         wraps an engine: delays, reorders, repeats and kills by a seed; the pool must not notice
//
// Read suite.go first.
package enginetest
