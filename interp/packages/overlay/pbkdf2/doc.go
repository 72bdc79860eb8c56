// Package pbkdf2 is crypto/pbkdf2: all of it is generic.
package pbkdf2
