// Package atomic has the generic types of sync/atomic.
package atomic
