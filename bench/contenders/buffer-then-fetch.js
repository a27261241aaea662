/** The obvious upload: multer keeps the file in memory, fetch sends it on as a form. */
import express from 'express'
import multer from 'multer'

const form = multer({ storage: multer.memoryStorage() })
const app = express()
app.post('/public/v1/usage/files/:id/upload', form.single('usage_file'), async (request, response) => {
  const body = new FormData()
  body.set('usage_file', new Blob([request.file.buffer]), request.file.originalname)
  const answer = await fetch(`${process.env.UPSTREAM}${request.originalUrl}`, { method: 'POST', body })
  response.status(answer.status).json(await answer.json())
})
const server = app.listen(0, '127.0.0.1', () => console.log(`listening at http://127.0.0.1:${server.address().port}`))
