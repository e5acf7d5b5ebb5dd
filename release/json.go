package release

import (
	"bytes"
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"
)

// decodeJSON reads one JSON object strictly into a struct: known fields, written
// as they are here, each once, and nothing behind the object. Errors are in words
// for whoever wrote it.
func decodeJSON(data []byte, into any) error {
	if len(bytes.TrimSpace(data)) == 0 {
		return errors.New("the signal came without its payload: paste the line from this page")
	}
	if !utf8.Valid(data) {
		return errors.New("it is not a text in UTF-8")
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	var whole json.RawMessage
	if err := decoder.Decode(&whole); err != nil {
		return explain(err)
	}
	if whole[0] != '{' {
		return fmt.Errorf("it is %s, wanted a JSON object", jsonKind(whole))
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return errors.New("something stands behind the JSON object")
	}
	again := json.NewDecoder(bytes.NewReader(whole))
	again.UseNumber()
	if err := checkValue(again, reflect.TypeOf(into), ""); err != nil {
		return err
	}
	if err := json.Unmarshal(whole, into); err != nil {
		return explain(err)
	}
	return nil
}

// checkValue goes through a value and says what does not fit the type that it is
// for: an unknown key, or one that stands twice, which encoding/json would pass
// over, and values of another type.
func checkValue(decoder *json.Decoder, of reflect.Type, path string) error {
	start, err := decoder.Token()
	if err != nil {
		return explain(err)
	}
	for of.Kind() == reflect.Pointer {
		of = of.Elem()
	}
	switch v := start.(type) {
	case json.Delim:
		if v == '[' {
			return checkItems(decoder, of, path)
		}
		return checkFields(decoder, of, path)
	case json.Number:
		if of == reflect.TypeFor[Share]() {
			return new(Share).UnmarshalText([]byte(v))
		}
		if !fits(v, of.Kind()) {
			return wrongField(path, "the number "+v.String(), of)
		}
	case bool:
		if of.Kind() != reflect.Bool {
			return wrongField(path, "true or false", of)
		}
	case string:
		if text, is := reflect.New(of).Interface().(encoding.TextUnmarshaler); is {
			if err := unmarshalText(v, text); err != nil {
				return fmt.Errorf("%s%w", inField(path), err)
			}
		} else if of.Kind() != reflect.String {
			return wrongField(path, "a text", of)
		}
	}
	return nil
}

// fits tells whether a number can be kept as a kind of Go's.
func fits(number json.Number, kind reflect.Kind) bool {
	var err error
	switch kind {
	case reflect.Int:
		_, err = strconv.Atoi(number.String())
	case reflect.Float64:
		_, err = number.Float64()
	default:
		return false
	}
	return err == nil
}

func checkItems(decoder *json.Decoder, of reflect.Type, path string) error {
	if of.Kind() != reflect.Slice {
		return wrongField(path, "a list", of)
	}
	for i := 0; decoder.More(); i++ {
		if err := checkValue(decoder, of.Elem(), fmt.Sprintf("%s[%d]", path, i)); err != nil {
			return err
		}
	}
	_, err := decoder.Token()
	return err
}

func checkFields(decoder *json.Decoder, of reflect.Type, path string) error {
	if of.Kind() != reflect.Struct && of.Kind() != reflect.Map {
		return wrongField(path, "an object", of)
	}
	seen := map[string]bool{}
	for decoder.More() {
		token, err := decoder.Token()
		if err != nil {
			return explain(err)
		}
		key, _ := token.(string)
		if seen[key] {
			return fmt.Errorf("%sfield %q is there twice", inField(path), key)
		}
		seen[key] = true
		var value reflect.Type
		if of.Kind() == reflect.Map {
			value = of.Elem()
		} else if field, known := fieldNamed(of, key); known {
			value = field.Type
		} else {
			return errors.New(inField(path) + unknownField(key, of))
		}
		if err := checkValue(decoder, value, strings.TrimPrefix(path+"."+key, ".")); err != nil {
			return err
		}
	}
	_, err := decoder.Token()
	return err
}

func wrongField(path, found string, wanted reflect.Type) error {
	return fmt.Errorf("%sfound %s, expected %s", inField(path), found, typeKind(wanted))
}

// inField says which field is wrong; nothing when it is the whole.
func inField(path string) string {
	if path == "" {
		return ""
	}
	return fmt.Sprintf("field %q: ", path)
}

// explain puts a JSON error into a writer's words.
func explain(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("it ends too early, wanted a JSON object")
	}
	return fmt.Errorf("it is not JSON: %w", err)
}

// jsonKind names what a JSON text is.
func jsonKind(text json.RawMessage) string {
	switch text[0] {
	case '[':
		return "a list"
	case '"':
		return "a text"
	case 't', 'f':
		return "true or false"
	case 'n':
		return "null"
	}
	return "a number"
}
