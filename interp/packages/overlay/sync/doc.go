// Package sync has the generic functions of sync.
package sync
