// Package errors has the generic functions of errors.
package errors
