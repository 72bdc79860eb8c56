// Package iter is what cells have as iter. Seq and Seq2 are ordinary types here, so that their code can be checked from source.
package iter
