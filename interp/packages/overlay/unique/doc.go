// Package unique is unique: all of it is generic.
package unique
