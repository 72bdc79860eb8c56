package rt

import (
	"maps"
	"reflect"
)

// Path is the import path of what Exports gives.
const Path = "rivulet/rt"

// Exports are the functions of the registry for lowered code, which imports them from Path.
func (r *Registry) Exports() map[string]map[string]reflect.Value {
	v := reflect.ValueOf
	all := map[string]reflect.Value{
		"Bind": v(r.Bind), "In": v(r.In), "Out": v(r.Out), "Raw": v(r.Raw), "ScanTarget": v(r.ScanTarget), "JSON": v(r.JSON), "JSONTarget": v(r.JSONTarget), "JSONDecode": v(r.JSONDecode),
		"Template": v(r.Template), "TemplateExecute": v(r.TemplateExecute), "TemplateExecuteNamed": v(r.TemplateExecuteNamed),
		"TemplateFuncs": v(r.TemplateFuncs), "As": v(r.As), "From": v(r.From), "Eq": v(r.Eq), "Implements": v(r.Implements),
		"AssertI": v(r.AssertI), "NotA": v(r.NotA), "Call": v(r.Call), "Panic": v(r.Panic), "Normalize": v(r.Normalize),
		"NilDeref": v(r.NilDeref), "Exhausted": v(r.Exhausted), "Print": v(r.Print), "Println": v(r.Println),
		"Defers": v((*Defers)(nil)), "NewDefers": v(r.NewDefers), "Protect": v(r.Protect), "Recover": v(r.Recover), "Go": v(r.Go), "Guarded": v(r.Guarded), "GuardedValue": v(r.GuardedValue),
		"Push": v(push), "PushValue": v(pushOfValue), "PushNested": v(pushNested), "PushCall": v(pushCall), "Recovered": v(recovered),
		"ErrorsIs": v(r.ErrorsIs), "ErrorsAs": v(r.ErrorsAs), "ErrorsUnwrap": v(r.ErrorsUnwrap),
		"Printf": v(r.Printf), "Sprintf": v(r.Sprintf), "Fprintf": v(r.Fprintf), "Appendf": v(r.Appendf), "Errorf": v(r.Errorf),
		"FmtPrint": v(r.FmtPrint), "FmtSprint": v(r.FmtSprint), "FmtFprint": v(r.FmtFprint), "FmtAppend": v(r.FmtAppend),
		"FmtPrintln": v(r.FmtPrintln), "FmtSprintln": v(r.FmtSprintln), "FmtFprintln": v(r.FmtFprintln), "FmtAppendln": v(r.FmtAppendln),
		"Text": v(r.Text), "TypeString": v(r.TypeString), "Display": v(r.Display),
	}
	maps.Copy(all, r.lowered())
	maps.Copy(all, r.reflections())
	return map[string]map[string]reflect.Value{Path + "/rt": all}
}
