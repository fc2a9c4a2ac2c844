// Appended to Swagger UI's bundle. Nothing here or there asks another host for anything: validatorUrl is the one thing
// that would.
SwaggerUIBundle({
  dom_id: "#reference",
  url: "openapi.json",
  presets: [SwaggerUIBundle.presets.apis],
  deepLinking: true,
  displayOperationId: true,
  defaultModelsExpandDepth: 0,
  validatorUrl: null,
});
