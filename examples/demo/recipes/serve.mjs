// A webhook receiver of Node's standard library. What it accepts is up to the recipe it is given.
import { createServer } from 'node:http'

/** Serves on a free port. `isGenuine` gets the raw body and the headers. */
export function serve(isGenuine) {
  const server = createServer(async (request, response) => {
    const chunks = []
    for await (const chunk of request) chunks.push(chunk)
    const body = Buffer.concat(chunks)
    if (!isGenuine(body, request.headers)) {
      console.log('refused')
      response.writeHead(401).end()
      return
    }
    console.log('accepted', JSON.parse(body).type)
    response.writeHead(200).end()
  })
  server.listen(0, '127.0.0.1', () => {
    console.log(`listening on http://127.0.0.1:${server.address().port}/webhooks`)
  })
}
