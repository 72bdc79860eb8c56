// Package secret is for greet alone.
package secret

// Mark ends a greeting.
const Mark = "!"
