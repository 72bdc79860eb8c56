// Package rand has the generic functions of math/rand/v2.
package rand
