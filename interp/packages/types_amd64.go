package packages

// archTypes are the packages whose types differ from those in stdTypes, which are those of this architecture.
const archTypes = ""
