package sql

import (
	"database/sql/driver"

	"github.com/rivulet-go/rivulet/interp/packages/support"
)

// Null is a column's value that may be NULL; it is not where Valid is set.
type Null[T any] struct {
	V     T
	Valid bool
}

// Scan sets n to a column's value.
func (n *Null[T]) Scan(value any) error {
	if value == nil {
		var none T
		n.V, n.Valid = none, false
		return nil
	}
	n.Valid = true
	return support.Assign(&n.V, value)
}

// Value is what a driver gets.
func (n Null[T]) Value() (driver.Value, error) {
	if !n.Valid {
		return nil, nil
	}
	return support.DriverValue(n.V)
}
