// Package reflect has the generic functions of reflect.
package reflect
