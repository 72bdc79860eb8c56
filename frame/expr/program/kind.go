package program

// Kind is the kind of a Go value that meets a column: the basic types, and those that only a called function can take.
type Kind uint8

// The kinds. Programs compute with those up to String.
const (
	Invalid Kind = iota
	Bool
	Int
	Int8
	Int16
	Int32
	Int64
	Uint
	Uint8
	Uint16
	Uint32
	Uint64
	Float32
	Float64
	String

	Bytes
	Time
	Duration
	Any
	Other // anything else: no column holds it
)

var kindNames = [...]string{
	Invalid: "invalid", Bool: "bool", Int: "int", Int8: "int8", Int16: "int16", Int32: "int32", Int64: "int64",
	Uint: "uint", Uint8: "uint8", Uint16: "uint16", Uint32: "uint32", Uint64: "uint64",
	Float32: "float32", Float64: "float64", String: "string",
	Bytes: "[]byte", Time: "time.Time", Duration: "time.Duration", Any: "any", Other: "other",
}

// String is the type as Go writes it.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return "invalid"
}

// Signed says whether k is a signed integer.
func (k Kind) Signed() bool { return k >= Int && k <= Int64 }

// Unsigned says whether k is an unsigned integer.
func (k Kind) Unsigned() bool { return k >= Uint && k <= Uint64 }

// Integer says whether k is an integer.
func (k Kind) Integer() bool { return k >= Int && k <= Uint64 }

// Float says whether k is a float.
func (k Kind) Float() bool { return k == Float32 || k == Float64 }

// Computed says whether programs have values of this kind.
func (k Kind) Computed() bool { return k >= Bool && k <= String }

// narrow says whether results have to be cut to the kind after they were computed in 64 bits.
func (k Kind) narrow() bool {
	switch k {
	case Int8, Int16, Int32, Uint8, Uint16, Uint32, Float32:
		return true
	}
	return false
}

// class is how values of a kind lie in a vector.
type class uint8

const (
	classNone  class = iota
	classBool        // a byte, 0 or 1
	classInt         // int64, sign-extended
	classUint        // uint64, zero-extended
	classFloat       // float64, also of a float32
	classText
)

func (k Kind) class() class {
	switch {
	case k == Bool:
		return classBool
	case k.Signed():
		return classInt
	case k.Unsigned():
		return classUint
	case k.Float():
		return classFloat
	case k == String:
		return classText
	}
	return classNone
}
