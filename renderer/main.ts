import { createPinia } from 'pinia'
import { createApp } from 'vue'
import App from './App.vue'
import { connect } from './lib/client'
import { i18n } from './locales'
import { createStudioRouter } from './router'
import './styles/tokens.css'
import './styles/base.css'
import './styles/parts.css'

// First of all: the token must leave the address before the router reads it, and the port's message must be heard.
connect()

createApp(App).use(createPinia()).use(i18n).use(createStudioRouter()).mount('#app')
