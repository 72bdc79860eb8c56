// Package sql has the generic types of database/sql.
package sql
