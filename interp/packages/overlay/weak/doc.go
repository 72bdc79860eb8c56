// Package weak is weak: all of it is generic.
package weak
