// Package runtime has the generic functions of runtime.
package runtime
