// Package overlay embeds the Go source of generic declarations that cells use in the place of compiled ones.
package overlay
