// Package maphash has the generic functions of hash/maphash.
package maphash
