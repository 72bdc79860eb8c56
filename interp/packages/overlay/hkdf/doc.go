// Package hkdf is crypto/hkdf: all of it is generic.
package hkdf
