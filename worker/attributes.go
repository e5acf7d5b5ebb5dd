package worker

import (
	"context"
	"fmt"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/sdk/client"

	"slipway/release"
)

var attributes = map[string]enums.IndexedValueType{
	release.AttributeService:     enums.INDEXED_VALUE_TYPE_KEYWORD,
	release.AttributeVersion:     enums.INDEXED_VALUE_TYPE_KEYWORD,
	release.AttributeType:        enums.INDEXED_VALUE_TYPE_KEYWORD,
	release.AttributePhase:       enums.INDEXED_VALUE_TYPE_KEYWORD,
	release.AttributeEnvironment: enums.INDEXED_VALUE_TYPE_KEYWORD,
	release.AttributeAwaiting:    enums.INDEXED_VALUE_TYPE_KEYWORD,
	release.AttributeOutcome:     enums.INDEXED_VALUE_TYPE_KEYWORD,
	release.AttributeRisk:        enums.INDEXED_VALUE_TYPE_INT,
}

// registerAttributes adds the search attributes that the namespace does not have
// yet.
func registerAttributes(ctx context.Context, c client.Client, namespace string) error {
	if namespace == "" {
		namespace = client.DefaultNamespace
	}
	missing, err := missingAttributes(ctx, c, namespace)
	if err != nil || len(missing) == 0 {
		return err
	}
	_, err = c.OperatorService().AddSearchAttributes(ctx, &operatorservice.AddSearchAttributesRequest{
		Namespace: namespace, SearchAttributes: missing,
	})
	if err == nil {
		return nil
	}
	// Another worker may have been quicker.
	if missing, listed := missingAttributes(ctx, c, namespace); listed == nil && len(missing) == 0 {
		return nil
	}
	return fmt.Errorf("register search attributes in namespace %s (an administrator can do it with: temporal operator search-attribute create): %w", namespace, err)
}

func missingAttributes(ctx context.Context, c client.Client, namespace string) (map[string]enums.IndexedValueType, error) {
	there, err := c.OperatorService().ListSearchAttributes(ctx, &operatorservice.ListSearchAttributesRequest{Namespace: namespace})
	if err != nil {
		return nil, fmt.Errorf("search attributes of namespace %s: %w", namespace, err)
	}
	missing := map[string]enums.IndexedValueType{}
	for name, kind := range attributes {
		if _, found := there.GetCustomAttributes()[name]; !found {
			missing[name] = kind
		}
	}
	return missing, nil
}
