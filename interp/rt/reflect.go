package rt

import "reflect"

// reflection are the functions that stand in for those of package reflect, and for the methods of reflect.Type and reflect.Value.
func (r *Registry) reflection() map[string]reflect.Value {
	v := reflect.ValueOf
	return map[string]reflect.Value{
		"ReflectImplements": v(r.ReflectImplements), "ReflectAssignableTo": v(r.ReflectAssignableTo), "ReflectConvertibleTo": v(r.ReflectConvertibleTo),
		"ReflectKind": v(r.ReflectKind), "ReflectString": v(r.ReflectString), "ReflectName": v(r.ReflectName), "ReflectPkgPath": v(r.ReflectPkgPath),
		"ReflectField": v(r.ReflectField), "ReflectFieldByName": v(r.ReflectFieldByName),
		"ReflectElem": v(r.ReflectElem), "ReflectKey": v(r.ReflectKey), "ReflectIn": v(r.ReflectIn), "ReflectOut": v(r.ReflectOut),
		"ReflectNumMethod": v(r.ReflectNumMethod), "ReflectMethod": v(r.ReflectMethod), "ReflectMethodByName": v(r.ReflectMethodByName),
		"ReflectPlain": v(r.ReflectPlain), "ReflectArgument": v(r.ReflectArgument), "ReflectUnboxed": v(r.ReflectUnboxed),

		"ReflectValueField": v(r.ReflectValueField), "ReflectValueFieldByName": v(r.ReflectValueFieldByName),
		"ReflectValueFieldByIndex": v(r.ReflectValueFieldByIndex),
		"ReflectValueNumMethod":    v(r.ReflectValueNumMethod), "ReflectValueMethod": v(r.ReflectValueMethod), "ReflectValueMethodByName": v(r.ReflectValueMethodByName),
		"ReflectValueElem": v(r.ReflectValueElem), "ReflectValueIndex": v(r.ReflectValueIndex), "ReflectValueAddr": v(r.ReflectValueAddr),
		"ReflectValueSlice": v(r.ReflectValueSlice), "ReflectValueSlice3": v(r.ReflectValueSlice3),
		"ReflectValueMapIndex": v(r.ReflectValueMapIndex), "ReflectValueMapKeys": v(r.ReflectValueMapKeys), "ReflectValueMapRange": v(r.ReflectValueMapRange),
		"ReflectValueSet": v(r.ReflectValueSet), "ReflectValueSetMapIndex": v(r.ReflectValueSetMapIndex),
		"ReflectValueSend": v(r.ReflectValueSend), "ReflectValueRecv": v(r.ReflectValueRecv),
		"ReflectValueConvert": v(r.ReflectValueConvert), "ReflectValueString": v(r.ReflectValueString),
		"ReflectValueCall": v(r.ReflectValueCall), "ReflectValueCallSlice": v(r.ReflectValueCallSlice),

		"ReflectNew": v(r.ReflectNew), "ReflectZero": v(r.ReflectZero), "ReflectMakeSlice": v(r.ReflectMakeSlice), "ReflectMakeMap": v(r.ReflectMakeMap),
		"ReflectMakeMapWithSize": v(r.ReflectMakeMapWithSize), "ReflectMakeChan": v(r.ReflectMakeChan), "ReflectMakeFunc": v(r.ReflectMakeFunc),
		"ReflectPointerTo": v(r.ReflectPointerTo), "ReflectSliceOf": v(r.ReflectSliceOf), "ReflectIndirect": v(r.ReflectIndirect),
		"ReflectAppend": v(r.ReflectAppend), "ReflectAppendSlice": v(r.ReflectAppendSlice),
	}
}
