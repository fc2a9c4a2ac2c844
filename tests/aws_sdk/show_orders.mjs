// Prints the orders in a shop's table as AWS's SDK reads them: node tests/aws_sdk/show_orders.mjs [table]
// Endpoint, region and credentials are those of the environment. tests/peers/setup installs the SDK.
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, paginateScan } from "@aws-sdk/lib-dynamodb";

const client = DynamoDBDocumentClient.from(new DynamoDBClient({}));
const orders = {
  TableName: process.argv[2] ?? "orderly",
  FilterExpression: "begins_with(pk, :orders) AND sk = :meta",
  ExpressionAttributeValues: { ":orders": "ORDER#", ":meta": "META" },
};
// Bytes are what is encrypted; a buffer prints them in one line.
const shown = (value) => (value instanceof Uint8Array ? Buffer.from(value) : value);

for await (const page of paginateScan({ client }, orders)) {
  for (const order of page.Items) {
    const members = Object.entries(order).map(([name, value]) => [name, shown(value)]);
    console.dir(Object.fromEntries(members.sort()), { depth: null });
  }
}
